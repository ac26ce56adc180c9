"""A person's whole alphabet from a few letters, each as a form that a pen can draw."""
