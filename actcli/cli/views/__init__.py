"""What people see: tables, plots, texts."""
