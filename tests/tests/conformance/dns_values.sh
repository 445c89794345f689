# The same as a script of acme.sh's kind; VALUES is the program.
dns_values_add() {
    "$VALUES" present "$1." "$2"
}
dns_values_rm() {
    "$VALUES" cleanup "$1." "$2"
}
