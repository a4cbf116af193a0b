"""The command line: one small module per command, each with NAME, SUMMARY, NOTES, add_arguments and run."""
