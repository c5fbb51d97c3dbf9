"""From publishers' files, packaged data and our own cards to the knowledge on disk."""
