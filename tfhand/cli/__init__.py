"""What the commands share: their arguments, progress, tables, and one sentence for bad input."""
