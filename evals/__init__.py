"""Cases, scorers and runs: how good the answers are, measured."""
