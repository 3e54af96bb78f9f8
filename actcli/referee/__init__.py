"""The referee: whether a kernel gives the true numbers, and where not."""
