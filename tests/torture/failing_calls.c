/* A disk that fails on purpose: preloaded, it lets one call of one file operation below one folder fail.

   Which call is set by `arm` (from Python, through ctypes); the count lies in memory that forked processes
   share, so that the n-th call is that of the whole command and its workers. Nothing fails until then. */

#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *const OPERATIONS[] = {"open", "read", "write", "fsync", "close", "stat", "rename",
                                         "unlink", "rmdir", "mkdir", "link", "flock", "ftruncate"};
enum { KINDS = sizeof OPERATIONS / sizeof *OPERATIONS };

struct order {
    char prefix[PATH_MAX];
    char operation[16];
    long call;        /* which one fails; 0: none, they are only counted */
    int code;         /* its errno */
    int from_then_on; /* 1: those after it fail too; 2: every so-many-th call fails, now and then */
    atomic_long seen[KINDS];
    atomic_long failed;
};

static struct order *order;

__attribute__((constructor)) static void make(void) {
    void *place = mmap(NULL, sizeof(struct order), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    order = place == MAP_FAILED ? NULL : place;
}

void arm(const char *prefix, const char *operation, long call, int code, int from_then_on) {
    order->call = call;
    order->code = code;
    order->from_then_on = from_then_on;
    for (int i = 0; i < KINDS; i++) order->seen[i] = 0;
    order->failed = 0;
    strncpy(order->operation, operation, sizeof order->operation - 1);
    strncpy(order->prefix, prefix, sizeof order->prefix - 1);
}

static int kind_of(const char *operation) {
    int kind = 0;
    while (kind < KINDS - 1 && strcmp(OPERATIONS[kind], operation)) kind++;
    return kind;
}

long seen(const char *operation) { return order->seen[kind_of(operation)]; }
long failed(void) { return order->failed; }

static int below(const char *path) {
    size_t length = strlen(order->prefix);
    return length && strncmp(path, order->prefix, length) == 0 && (path[length] == '/' || !path[length]);
}

/* Whether this call of the operation is the one that fails; errno is set then. */
static int strikes(const char *operation, const char *path) {
    if (!order || !order->prefix[0] || !below(path)) return 0;
    long number = atomic_fetch_add(&order->seen[kind_of(operation)], 1) + 1;
    if (strcmp(order->operation, operation) || !order->call) return 0;
    if (order->from_then_on == 2 ? number % order->call : number < order->call || (number > order->call && !order->from_then_on)) return 0;
    atomic_fetch_add(&order->failed, 1);
    errno = order->code;
    return 1;
}

static int strikes_open_file(const char *operation, int descriptor) {
    char name[64], path[PATH_MAX];
    if (!order || !order->prefix[0]) return 0;
    snprintf(name, sizeof name, "/proc/self/fd/%d", descriptor);
    long length = syscall(SYS_readlinkat, AT_FDCWD, name, path, sizeof path - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    return strikes(operation, path);
}

static int strikes_at(const char *operation, int folder, const char *path) {
    char name[64], whole[2 * PATH_MAX];
    if (!path || !order || !order->prefix[0]) return 0;
    if (path[0] == '/') return strikes(operation, path);
    if (folder == AT_FDCWD) strcpy(name, "/proc/self/cwd");
    else snprintf(name, sizeof name, "/proc/self/fd/%d", folder);
    long length = syscall(SYS_readlinkat, AT_FDCWD, name, whole, PATH_MAX - 1);
    if (length <= 0) return 0;
    snprintf(whole + length, sizeof whole - length, "/%s", path);
    return strikes(operation, whole);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define MODE(last) \
    mode_t mode = 0; \
    if (flags & (O_CREAT | __O_TMPFILE)) { va_list rest; va_start(rest, last); mode = va_arg(rest, mode_t); va_end(rest); }

#define OPEN(name) \
    int name(const char *path, int flags, ...) { \
        MODE(flags) \
        return strikes_at("open", AT_FDCWD, path) ? -1 : REAL(name)(path, flags, mode); \
    }
OPEN(open)
OPEN(open64)
#define OPENAT(name) \
    int name(int folder, const char *path, int flags, ...) { \
        MODE(flags) \
        return strikes_at("open", folder, path) ? -1 : REAL(name)(folder, path, flags, mode); \
    }
OPENAT(openat)
OPENAT(openat64)

DIR *opendir(const char *path) { return strikes_at("open", AT_FDCWD, path) ? NULL : REAL(opendir)(path); }
DIR *fdopendir(int file) { return strikes_open_file("open", file) ? NULL : REAL(fdopendir)(file); }

#define FOPEN(name) \
    FILE *name(const char *path, const char *mode) { \
        return strikes_at("open", AT_FDCWD, path) ? NULL : REAL(name)(path, mode); \
    }
FOPEN(fopen)
FOPEN(fopen64)

ssize_t write(int file, const void *bytes, size_t size) {
    return strikes_open_file("write", file) ? -1 : REAL(write)(file, bytes, size);
}
#define PWRITE(name, offset_type) \
    ssize_t name(int file, const void *bytes, size_t size, offset_type offset) { \
        return strikes_open_file("write", file) ? -1 : REAL(name)(file, bytes, size, offset); \
    }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)
ssize_t read(int file, void *bytes, size_t size) {
    return strikes_open_file("read", file) ? -1 : REAL(read)(file, bytes, size);
}
#define PREAD(name, offset_type) \
    ssize_t name(int file, void *bytes, size_t size, offset_type offset) { \
        return strikes_open_file("read", file) ? -1 : REAL(name)(file, bytes, size, offset); \
    }
PREAD(pread, off_t)
PREAD(pread64, off64_t)

int fsync(int file) { return strikes_open_file("fsync", file) ? -1 : REAL(fsync)(file); }
int flock(int file, int how) { return strikes_open_file("flock", file) ? -1 : REAL(flock)(file, how); }
int ftruncate(int file, off_t size) { return strikes_open_file("ftruncate", file) ? -1 : REAL(ftruncate)(file, size); }
int ftruncate64(int file, off64_t size) { return strikes_open_file("ftruncate", file) ? -1 : REAL(ftruncate64)(file, size); }
/* Linux takes the descriptor away before it tells of a fault. */
int close(int file) {
    int code = strikes_open_file("close", file) ? errno : 0;
    int closed = REAL(close)(file);
    if (code) errno = code;
    return code ? -1 : closed;
}

int rename(const char *from, const char *to) {
    return strikes_at("rename", AT_FDCWD, to) ? -1 : REAL(rename)(from, to);
}
int renameat(int here, const char *from, int there, const char *to) {
    return strikes_at("rename", there, to) ? -1 : REAL(renameat)(here, from, there, to);
}
int renameat2(int here, const char *from, int there, const char *to, unsigned flags) {
    return strikes_at("rename", there, to) ? -1 : REAL(renameat2)(here, from, there, to, flags);
}
int unlink(const char *path) { return strikes_at("unlink", AT_FDCWD, path) ? -1 : REAL(unlink)(path); }
int rmdir(const char *path) { return strikes_at("rmdir", AT_FDCWD, path) ? -1 : REAL(rmdir)(path); }
int unlinkat(int folder, const char *path, int flags) {
    const char *operation = flags & AT_REMOVEDIR ? "rmdir" : "unlink";
    return strikes_at(operation, folder, path) ? -1 : REAL(unlinkat)(folder, path, flags);
}
int link(const char *from, const char *to) { return strikes_at("link", AT_FDCWD, to) ? -1 : REAL(link)(from, to); }
int linkat(int here, const char *from, int there, const char *to, int flags) {
    return strikes_at("link", there, to) ? -1 : REAL(linkat)(here, from, there, to, flags);
}
int mkdir(const char *path, mode_t mode) { return strikes_at("mkdir", AT_FDCWD, path) ? -1 : REAL(mkdir)(path, mode); }
int mkdirat(int folder, const char *path, mode_t mode) {
    return strikes_at("mkdir", folder, path) ? -1 : REAL(mkdirat)(folder, path, mode);
}

#define STAT(name, type) \
    int name(const char *path, struct type *found) { \
        return strikes_at("stat", AT_FDCWD, path) ? -1 : REAL(name)(path, found); \
    }
STAT(stat, stat)
STAT(stat64, stat64)
STAT(lstat, stat)
STAT(lstat64, stat64)
#define FSTAT(name, type) \
    int name(int file, struct type *found) { \
        return strikes_open_file("stat", file) ? -1 : REAL(name)(file, found); \
    }
FSTAT(fstat, stat)
FSTAT(fstat64, stat64)
#define FSTATAT(name, type) \
    int name(int folder, const char *path, struct type *found, int flags) { \
        return strikes_at("stat", folder, path) ? -1 : REAL(name)(folder, path, found, flags); \
    }
FSTATAT(fstatat, stat)
FSTATAT(fstatat64, stat64)
