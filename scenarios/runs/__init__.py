"""Runs on disk: durable files, TensorBoard event logs, final tables, metrics and run directories."""
