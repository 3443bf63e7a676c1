/* See README.md: compiled with debug information for the test `symbolize`. */
static int square(int x) {
    return x * x;
}

__attribute__((export_name("square_sum"))) int square_sum(int a, int b) {
    int sum = square(a);
    sum += square(b);
    return sum;
}
