"""Pages and files made from a finished study or run: report, explorer, workbook, replication archive."""
