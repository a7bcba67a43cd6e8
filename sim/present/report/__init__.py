"""Pages and files for people from a finished study or run: report, explorer, workbook, replication archive."""
