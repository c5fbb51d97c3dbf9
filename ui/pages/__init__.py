"""The pages of the interface in the browser."""
