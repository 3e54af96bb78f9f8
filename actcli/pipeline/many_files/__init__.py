"""Many files in one run: which become which, what was done, and the loop over them."""
