/* A PKCS#11 module for tests that hands everything on to another one (RELAY_TO in the environment),
 * and does one thing wrong where the file that RELAY_PLAN names says so:
 *
 *   N WHAT     the call of C_Sign after the next N ones does WHAT, once (the file then goes):
 *     0x…      it says this return code and signs nothing
 *     hang     it never ends
 *     crash    it ends the process
 *     flip     it gives a signature with one wrong bit
 *
 * RELAY_SLOW_MS makes each login and signature last that long, as on a card. What it prints on
 * standard output must not get among the answers of the process that loads it.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef unsigned long CK_ULONG;
typedef unsigned char CK_BYTE;
typedef CK_ULONG CK_RV;

enum { LOGIN = 18, SIGN = 43, CALLS = 68 };

/* CK_FUNCTION_LIST of PKCS#11 2.40: a version and 68 functions in the order of the standard. */
struct list { CK_BYTE major, minor; void *call[CALLS]; };
static struct list *real, ours;

static void slow(void) {
  const char *wait = getenv("RELAY_SLOW_MS");
  if (wait != NULL) usleep(1000 * (useconds_t)atoi(wait));
}

/* What the plan wants of this call; empty = nothing. */
static const char *planned(void) {
  static char what[32];
  const char *path = getenv("RELAY_PLAN");
  FILE *plan = path == NULL ? NULL : fopen(path, "r");
  int left = 0, read = 0;
  if (plan == NULL) return "";
  read = fscanf(plan, "%d %31s", &left, what);
  fclose(plan);
  if (read != 2) return "";
  if (left == 0) {
    unlink(path);
    return what;
  }
  plan = fopen(path, "w");
  fprintf(plan, "%d %s", left - 1, what);
  fclose(plan);
  return "";
}

static CK_RV login(CK_ULONG session, CK_ULONG user, CK_BYTE *pin, CK_ULONG size) {
  slow();
  return ((CK_RV (*)(CK_ULONG, CK_ULONG, CK_BYTE *, CK_ULONG))real->call[LOGIN])(
      session, user, pin, size);
}

static CK_RV sign(CK_ULONG session, CK_BYTE *data, CK_ULONG size, CK_BYTE *value, CK_ULONG *room) {
  const char *what = value == NULL ? "" : planned();
  CK_RV said;
  if (value != NULL) slow();
  if (strcmp(what, "hang") == 0) for (;;) pause();
  if (strcmp(what, "crash") == 0) abort();
  if (strncmp(what, "0x", 2) == 0) return strtoul(what, NULL, 16);
  said = ((CK_RV (*)(CK_ULONG, CK_BYTE *, CK_ULONG, CK_BYTE *, CK_ULONG *))real->call[SIGN])(
      session, data, size, value, room);
  if (said == 0 && strcmp(what, "flip") == 0) value[*room - 1] ^= 1;
  return said;
}

CK_RV C_GetFunctionList(struct list **out) {
  void *library = dlopen(getenv("RELAY_TO"), RTLD_NOW | RTLD_LOCAL);
  CK_RV (*get)(struct list **);
  if (library == NULL) return 5;
  printf("a driver that prints\n");
  fflush(stdout);
  get = (CK_RV (*)(struct list **))dlsym(library, "C_GetFunctionList");
  if (get == NULL || get(&real) != 0) return 5;
  ours = *real;
  ours.call[LOGIN] = (void *)login;
  ours.call[SIGN] = (void *)sign;
  *out = &ours;
  return 0;
}
