/* The kernel as native code, which engines are compared with. */
#include "driver.h"
#include "run.h"

int main(void) { return drive(run); }
