"""Random bytes and random command lines, in one process: the program answers or speaks one line, whatever comes."""
