"""How the numbers are made: float formats, rounding, and three kinds of arithmetic. Knows no activation by name."""
