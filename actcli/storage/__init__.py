"""Where bytes come from and where they go: files, pipes, standard input and output, compressed or not."""
