/* What is wrong with the platform; "nothing" by default. */
extern const char *wrong;
/* Whether wrong.c knows it: set when it is looked for the first time. */
extern int is_known;
