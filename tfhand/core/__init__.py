"""What everything stands on: configuration, files, characters."""
