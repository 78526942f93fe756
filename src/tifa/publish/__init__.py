"""Make what pages show: findings, figures, tables, the explorer. Describe releases for Zenodo."""
