"""NumPy arrays (.npy) of any shape."""
