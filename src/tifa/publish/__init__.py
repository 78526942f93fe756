"""What the pages show: findings, figures, tables, explorer files, citations."""
