"""Make what pages show (findings, figures, tables, the explorer), and describe releases."""
