"""One module a task; each has ``run(context)``, which gives rows."""
