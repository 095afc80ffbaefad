"""The commands of `coach`, each imported when it is called."""
