"""One module per task; each has ``run(context)``, which returns rows."""
