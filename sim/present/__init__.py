"""One view of an answer, laid out for the terminal, a page, a notebook, a workbook and figures, in two languages."""
