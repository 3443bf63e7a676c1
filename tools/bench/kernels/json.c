/* A JSON text (RFC 8259) of about 100 KB, parsed into values, which are then visited: bytes, branches, recursion, pointers. */
#include "kernel.h"

#include <stddef.h>

enum kind { NOTHING, TRUTH, NUMBER, STRING, LIST, OBJECT };

/* A value; those of a list or an object are linked, an object's have names. */
struct value {
    enum kind kind;
    uint32_t name_length, length;
    const char *name, *text;
    double number;
    struct value *first, *next;
};

enum { RECORDS = 520 };

static char text[128 * 1024], strings[64 * 1024];
static struct value values[16 * 1024];

/* What is read, and how much of the room for values and strings is taken. */
static const char *at;
static uint32_t values_taken, strings_taken;

/* Writes the text. */

static char *put(char *to, const char *what) {
    while (*what)
        *to++ = *what++;
    return to;
}

static char *put_number(char *to, uint32_t number) {
    char digits[10];
    int count = 0;
    do
        digits[count++] = (char)('0' + number % 10);
    while (number /= 10);
    while (count)
        *to++ = digits[--count];
    return to;
}

/* The first name of the text, whose value tells which unit it is. */
static const char OPENING[] = "{\"serial\": ";

static void write_text(void) {
    static const char *const WORDS[] = {"gauge", "valve", "pump\\n", "\\\"relay\\\"", "fan", "\\u00b5-meter", "lamp", "clock"};
    uint32_t seed = 1;
    char *to = put(put(text, OPENING), "1000000000, \"records\": [");
    for (uint32_t i = 0; i < RECORDS; i++) {
        to = put(put_number(put(to, i ? ",\n  {\"id\": " : "\n  {\"id\": "), i), ", \"name\": \"");
        to = put(put(to, WORDS[random_next(&seed) % 8]), "\", \"price\": ");
        to = put(put_number(to, random_next(&seed) % 1000), ".");
        to = put_number(to, random_next(&seed) % 1000);
        to = put_number(put(to, ", \"scale\": -"), random_next(&seed) % 100);
        to = put_number(put(to, "e-"), random_next(&seed) % 12);
        to = put(put(to, ", \"stocked\": "), random_next(&seed) & 1 ? "true" : "false");
        to = put(to, ", \"parent\": null, \"tags\": [");
        for (uint32_t tag = 0; tag < 4; tag++)
            to = put(put(put(to, tag ? ", \"" : "\""), WORDS[random_next(&seed) % 8]), "\"");
        to = put(to, "], \"place\": {\"row\": ");
        to = put_number(put(put_number(to, i / 16), ", \"column\": "), i % 16);
        to = put(to, "}}");
    }
    put(to, "\n]}");
}

/* Reads it. What is not JSON ends the module: the text is of this file. */

static void skip_space(void) {
    while (*at == ' ' || *at == '\n' || *at == '\t' || *at == '\r')
        at++;
}

static void expect(const char *what) {
    while (*what)
        if (*at++ != *what++)
            __builtin_trap();
}

static uint32_t hexadecimal(void) {
    uint32_t number = 0;
    for (int i = 0; i < 4; i++, at++)
        number = number << 4 | (uint32_t)(*at <= '9' ? *at - '0' : (*at | 32) - 'a' + 10);
    return number;
}

/* A character of the basic plane as UTF-8. */
static void put_character(uint32_t character) {
    if (character < 0x80) {
        strings[strings_taken++] = (char)character;
        return;
    }
    if (character < 0x800) {
        strings[strings_taken++] = (char)(0xc0 | character >> 6);
    } else {
        strings[strings_taken++] = (char)(0xe0 | character >> 12);
        strings[strings_taken++] = (char)(0x80 | (character >> 6 & 63));
    }
    strings[strings_taken++] = (char)(0x80 | (character & 63));
}

static void read_escape(void) {
    char escape = *at++;
    switch (escape) {
    case 'b': return put_character('\b');
    case 'f': return put_character('\f');
    case 'n': return put_character('\n');
    case 'r': return put_character('\r');
    case 't': return put_character('\t');
    case 'u': return put_character(hexadecimal());
    default: return put_character((uint8_t)escape);
    }
}

static const char *read_string(uint32_t *length) {
    const char *begin = strings + strings_taken;
    expect("\"");
    while (*at != '"') {
        if (*at == '\\') {
            at++;
            read_escape();
        } else {
            strings[strings_taken++] = *at++;
        }
    }
    at++;
    *length = (uint32_t)(strings + strings_taken - begin);
    return begin;
}

static double read_number(void) {
    double number = 0;
    int exponent = 0, negative = *at == '-';
    at += negative;
    while (*at >= '0' && *at <= '9')
        number = number * 10 + (*at++ - '0');
    if (*at == '.')
        for (at++; *at >= '0' && *at <= '9'; exponent--)
            number = number * 10 + (*at++ - '0');
    if ((*at | 32) == 'e') {
        at++;
        int below = *at == '-', written = 0;
        at += below || *at == '+';
        while (*at >= '0' && *at <= '9')
            written = written * 10 + (*at++ - '0');
        exponent += below ? -written : written;
    }
    for (; exponent < 0; exponent++)
        number /= 10;
    for (; exponent > 0; exponent--)
        number *= 10;
    return negative ? -number : number;
}

static struct value *read_value(void);

/* The values of a list or an object, up to the bracket that closes it. */
static struct value *read_members(char closing, int named) {
    struct value *first = NULL, **last = &first;
    at++;
    for (skip_space(); *at != closing; skip_space()) {
        const char *name = NULL;
        uint32_t length = 0;
        if (named) {
            name = read_string(&length);
            skip_space();
            expect(":");
        }
        *last = read_value();
        (*last)->name = name;
        (*last)->name_length = length;
        last = &(*last)->next;
        skip_space();
        if (*at != closing) {
            expect(",");
            skip_space();
        }
    }
    at++;
    return first;
}

static struct value *read_value(void) {
    struct value *value = &values[values_taken++];
    *value = (struct value){.kind = NOTHING};
    skip_space();
    switch (*at) {
    case '{': value->kind = OBJECT, value->first = read_members('}', 1); break;
    case '[': value->kind = LIST, value->first = read_members(']', 0); break;
    case '"': value->kind = STRING, value->text = read_string(&value->length); break;
    case 't': expect("true"), value->kind = TRUTH, value->number = 1; break;
    case 'f': expect("false"), value->kind = TRUTH; break;
    case 'n': expect("null"); break;
    default: value->kind = NUMBER, value->number = read_number();
    }
    return value;
}

/* The sum of all that the values are. */
static uint32_t visit(const struct value *value, uint32_t sum) {
    for (; value; value = value->next) {
        sum = mix(sum, value->kind);
        for (uint32_t i = 0; i < value->name_length; i++)
            sum = sum * 31 + (uint8_t)value->name[i];
        for (uint32_t i = 0; i < value->length; i++)
            sum = sum * 31 + (uint8_t)value->text[i];
        sum = mix(sum, (uint32_t)(int64_t)(value->number * 4096));
        sum = visit(value->first, sum);
    }
    return sum;
}

uint32_t unit(uint32_t number) {
    if (!text[0])
        write_text();
    put_number(text + sizeof OPENING - 1, 1000000000 + number % 1000000000);
    at = text;
    values_taken = strings_taken = 0;
    return visit(read_value(), 0);
}
