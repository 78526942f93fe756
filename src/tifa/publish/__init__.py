"""Make what the pages show (findings, figures, tables, the explorer's files), and deposits."""
