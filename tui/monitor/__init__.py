"""The monitor of many runs: a table of them, their curves over each other, and what distinguishes them.

`View` is how one looks, `Observer` reads the runs off the screen's thread, `Session` is what can be done with both and
knows no widget; `keys` says which key does what; `Drawings` turns a session into cells; `MonitorScreen` puts them on
the terminal and lets time pass. What a command line without a screen needs too imports no textual.
"""
