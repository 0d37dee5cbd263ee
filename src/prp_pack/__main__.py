"""`python -m prp_pack` is `prp`."""

from prp_pack.cli import main

if __name__ == "__main__":
    main(prog_name="prp")
