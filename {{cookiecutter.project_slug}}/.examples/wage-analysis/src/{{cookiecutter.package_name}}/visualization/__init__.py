"""What people look at: figures, the report's text, the workbook, the model card."""
