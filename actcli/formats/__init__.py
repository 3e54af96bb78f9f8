"""File formats: one module each, or a package, with its reader and its writer; and the table of them all."""
