"""Make realistic scans whose truth is known.

`students` invents a roster; `piles` lays out the sheets they hand in; `accidents` does to a pile what
feeders do; `scans` turns it into a PDF with its `truth` beside it; `hostile` writes files that must be
refused; `zones` tells what to paint out and `uniform` checks that it was.

    truth = scan(a4_pile(roster(15)), Path("scan.pdf"))
"""
