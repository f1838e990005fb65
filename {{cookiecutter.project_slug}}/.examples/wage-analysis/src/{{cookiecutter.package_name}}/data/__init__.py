"""From the raw workbook to a table that is typed and checked."""
