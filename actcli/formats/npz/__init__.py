"""npz archives: NumPy arrays with names."""
