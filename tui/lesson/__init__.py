"""The lesson screen: one algorithm, or two side by side, played forward and back.

`Session` is what a learner does with a lesson and knows no widget; `keys` says which key does what; `Drawings` turns a
session into cells; `LessonScreen` puts them on the terminal and lets time pass.
"""
