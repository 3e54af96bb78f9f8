"""The tests, named for the promises they keep."""
