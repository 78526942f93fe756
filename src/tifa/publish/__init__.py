"""Make figures, tables, findings and the explorer's files, and describe releases for Zenodo."""
