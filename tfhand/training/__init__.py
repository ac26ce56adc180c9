"""Where networks and losses meet: one train_step for each family."""
