"""What people look at: the figures, the text and tables of the report, the workbook."""
