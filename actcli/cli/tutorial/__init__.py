"""The tutorial: what it says, and how the terminal and a web page show it."""
