/*
 * A library built with `build.debug-assertions`, on a platform without threads: a call that comes while another thread has
 * its turn stops it, and the panic hook hears why; what a program may do stops nothing.
 *
 *   tasks lawful | guest | callback | returned      tasks.wat compiled as `tasks.cwasm` in the working folder
 *
 * It exits with 0 where nothing was noticed, and with 42 where a second thread was.
 */
#define _GNU_SOURCE
#include <minplat.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NOTICED 42

/* What the host function does besides saying that it was called. */
enum { GO_ON, CALL_BACK, WAIT, WAIT_FOR_SECOND } behaviour;

static volatile int calls; /* of the host function */
static minplat_engine_t *engine;
static minplat_module_t *module;

static _Noreturn void stop(const char *what, minplat_error_t *error) {
    size_t len = 0;
    const uint8_t *text = minplat_error_message(error, &len);
    printf("%s: %.*s\n", what, (int)len, (const char *)text);
    exit(1);
}

static void must(const char *what, minplat_error_t *error) {
    if (error)
        stop(what, error);
}

static void panicked(void *env, const minplat_panic_t *info) {
    (void)env;
    printf("%.*s\n", (int)info->message_len, (const char *)info->message);
    fflush(stdout);
    _exit(info->code == MINPLAT_FATAL_CONCURRENT_CALL ? NOTICED : 43);
}

static uintptr_t current_task(void *env) {
    (void)env;
    return (uintptr_t)pthread_self();
}

/* Something small that uses the library. */
static void use(void) {
    minplat_store_t *store;
    must("a store", minplat_store_new(engine, NULL, NULL, &store));
    minplat_store_delete(store);
}

static minplat_error_t *enter(void *env, minplat_caller_t *caller, const minplat_value_t *args, size_t args_len,
                              minplat_value_t *results, size_t results_len) {
    (void)env, (void)caller, (void)args, (void)args_len, (void)results, (void)results_len;
    int mine = __atomic_add_fetch(&calls, 1, __ATOMIC_SEQ_CST);
    switch (behaviour) {
    case GO_ON:
        break;
    case CALL_BACK:
        use();
        break;
    case WAIT:
        sleep(60);
        break;
    case WAIT_FOR_SECOND: /* the first returns when the second is long inside */
        if (mine == 1) {
            while (__atomic_load_n(&calls, __ATOMIC_SEQ_CST) < 2)
                usleep(1000);
            usleep(100000);
        }
        break;
    }
    return NULL;
}

static void call(const char *name) {
    minplat_store_t *store;
    minplat_linker_t *linker;
    minplat_instance_t instance;
    minplat_extern_t export;
    must("a store", minplat_store_new(engine, NULL, NULL, &store));
    must("a linker", minplat_linker_new(engine, &linker));
    minplat_context_t *context = minplat_store_context(store);
    must("a host function", minplat_linker_define_func(linker, (const uint8_t *)"test", 4, (const uint8_t *)"enter", 5,
                                                       NULL, 0, NULL, 0, enter, NULL, NULL));
    must("an instance", minplat_linker_instantiate(linker, context, module, &instance));
    if (!minplat_instance_export(context, &instance, (const uint8_t *)name, strlen(name), &export))
        exit(2);
    must(name, minplat_func_call(context, &export.of.func, NULL, 0, NULL, 0));
    minplat_linker_delete(linker);
    minplat_store_delete(store);
}

static void *task(void *name) {
    call(name);
    return NULL;
}

/* Starts a thread and waits until its guest has called the host. */
static void start(pthread_t *thread, const char *name) {
    int before = calls;
    if (pthread_create(thread, NULL, task, (void *)name) != 0)
        exit(3);
    while (__atomic_load_n(&calls, __ATOMIC_SEQ_CST) == before)
        usleep(1000);
}

int main(int argc, char **argv) {
    const char *what = argc == 2 ? argv[1] : "";
    minplat_config_t config = {0};
    config.panic = panicked;
    if (strcmp(what, "returned") != 0) /* which needs no help */
        config.current_task = current_task;
    must("minplat_init", minplat_init(&config));
    must("an engine", minplat_engine_new(&engine));

    static uint8_t bytes[1 << 20];
    FILE *file = fopen("tasks.cwasm", "rb");
    size_t len = file ? fread(bytes, 1, sizeof bytes, file) : 0;
    must("the module", minplat_module_load(engine, bytes, len, &module));

    pthread_t other;
    if (strcmp(what, "lawful") == 0) {
        /* One after the other on two threads, and from within a host function. */
        behaviour = CALL_BACK;
        start(&other, "once");
        pthread_join(other, NULL);
        call("once");
    } else if (strcmp(what, "guest") == 0) {
        start(&other, "forever");
        usleep(100000); /* it has returned to the guest by now */
        use();
    } else if (strcmp(what, "callback") == 0) {
        behaviour = WAIT;
        start(&other, "once");
        use();
    } else if (strcmp(what, "returned") == 0) {
        behaviour = WAIT_FOR_SECOND;
        start(&other, "once");
        call("forever");
    } else {
        return 2;
    }
    return 0;
}
