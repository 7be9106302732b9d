"""The page that is made of report files: one HTML file to read, print and sign.

The way of a report through it: `lines` (bytes to rows), `tally` (rows to counts, of which there are few however many
files there were), `verdict` (counts to reasons), the sections, and `document`, which puts them together.
"""
