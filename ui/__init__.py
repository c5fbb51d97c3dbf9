"""The faces of the program: the page in the browser and the command line, over one assistant."""
