"""Where bytes come from and where they go: files, objects, pipes, standard input and output."""
