"""The activations of each framework, as they are called there; this needs the framework, NumPy and Python 3.8."""
