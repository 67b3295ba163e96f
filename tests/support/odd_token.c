/* A PKCS#11 module for tests: a token in a state that no test may bring a real one into.
 *
 * It has no keys. ODD_TOKEN in the environment says what it does, several words at once:
 *   final_try locked count_low  flags of the token
 *   gone                        C_GetTokenInfo says CKR_TOKEN_NOT_PRESENT
 *   removed                     C_Login says CKR_DEVICE_REMOVED
 *   device                      C_Login says CKR_DEVICE_ERROR
 *   luna                        C_Login says 0x80000387
 *   pin_locked                  C_Login says CKR_PIN_LOCKED
 *   hang                        C_Login never ends
 *   crash                       C_Login ends the process
 * Each C_Login appends a line to the file that ODD_TOKEN_LOG names.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef unsigned long CK_ULONG;
typedef unsigned char CK_BYTE;
typedef CK_ULONG CK_RV;
typedef struct { CK_BYTE major, minor; } CK_VERSION;
typedef struct { CK_VERSION v; CK_BYTE m[32]; CK_ULONG f; CK_BYTE d[32]; CK_VERSION l; } CK_INFO;
typedef struct { CK_BYTE d[64]; CK_BYTE m[32]; CK_ULONG f; CK_VERSION h, w; } CK_SLOT_INFO;
typedef struct {
  CK_BYTE label[32], maker[32], model[16], serial[16];
  CK_ULONG flags, max_session, session, max_rw, rw, max_pin, min_pin, a, b, c, d;
  CK_VERSION h, w;
  CK_BYTE time[16];
} CK_TOKEN_INFO;

static int says(const char *word) {
  const char *said = getenv("ODD_TOKEN");
  return said != NULL && strstr(said, word) != NULL;
}

static void blank(CK_BYTE *field, size_t size, const char *text) {
  memset(field, ' ', size);
  memcpy(field, text, strlen(text));
}

static CK_RV ok(void) { return 0; }
static CK_RV unsupported(void) { return 0x54; }

static CK_RV get_info(CK_INFO *info) {
  memset(info, 0, sizeof *info);
  info->v.major = 2; info->v.minor = 40;
  blank(info->m, 32, "odd"); blank(info->d, 32, "odd");
  return 0;
}

static CK_RV slot_list(CK_BYTE present, CK_ULONG *slots, CK_ULONG *count) {
  if (slots != NULL) slots[0] = 7;
  *count = 1;
  return 0;
}

static CK_RV slot_info(CK_ULONG slot, CK_SLOT_INFO *info) {
  memset(info, 0, sizeof *info);
  blank(info->d, 64, "odd"); blank(info->m, 32, "odd");
  info->f = 1;
  return 0;
}

static CK_RV token_info(CK_ULONG slot, CK_TOKEN_INFO *info) {
  if (says("gone")) return 0xE0;
  memset(info, 0, sizeof *info);
  blank(info->label, 32, "SIRKET"); blank(info->maker, 32, "odd");
  blank(info->model, 16, "odd"); blank(info->serial, 16, "0001");
  info->flags = 0x404 | 0x8;
  if (says("count_low")) info->flags |= 0x10000;
  if (says("final_try")) info->flags |= 0x20000;
  if (strcmp(getenv("ODD_TOKEN") ? getenv("ODD_TOKEN") : "", "locked") == 0) info->flags |= 0x40000;
  blank(info->time, 16, "");
  return 0;
}

static CK_RV open_session(CK_ULONG slot, CK_ULONG flags, void *app, void *notify, CK_ULONG *out) {
  *out = 1;
  return 0;
}

static CK_RV login(CK_ULONG session, CK_ULONG user, CK_BYTE *pin, CK_ULONG size) {
  const char *path = getenv("ODD_TOKEN_LOG");
  if (path != NULL) {
    FILE *log = fopen(path, "a");
    fputs("C_Login\n", log);
    fclose(log);
  }
  if (says("hang")) for (;;) pause();
  if (says("crash")) abort();
  if (says("removed")) return 0x32;
  if (says("device")) return 0x30;
  if (says("luna")) return 0x80000387UL;
  if (says("pin_locked")) return 0xA4;
  return 0;
}

static CK_RV find(CK_ULONG session, CK_ULONG *objects, CK_ULONG most, CK_ULONG *count) {
  *count = 0;
  return 0;
}

static CK_RV mechanisms(CK_ULONG slot, CK_ULONG *list, CK_ULONG *count) {
  *count = 0;
  return 0;
}

/* CK_FUNCTION_LIST of PKCS#11 2.40: a version and 68 functions in the order of the standard. */
static struct { CK_VERSION version; void *call[68]; } functions;

CK_RV C_GetFunctionList(void **out) {
  for (int i = 0; i < 68; i++) functions.call[i] = (void *)unsupported;
  functions.version.major = 2; functions.version.minor = 40;
  functions.call[0] = (void *)ok;            /* C_Initialize */
  functions.call[1] = (void *)ok;            /* C_Finalize */
  functions.call[2] = (void *)get_info;
  functions.call[3] = (void *)C_GetFunctionList;
  functions.call[4] = (void *)slot_list;
  functions.call[5] = (void *)slot_info;
  functions.call[6] = (void *)token_info;
  functions.call[7] = (void *)mechanisms;
  functions.call[12] = (void *)open_session;
  functions.call[13] = (void *)ok;           /* C_CloseSession */
  functions.call[18] = (void *)login;
  functions.call[19] = (void *)ok;           /* C_Logout */
  functions.call[26] = (void *)ok;           /* C_FindObjectsInit */
  functions.call[27] = (void *)find;
  functions.call[28] = (void *)ok;           /* C_FindObjectsFinal */
  *out = &functions;
  return 0;
}
