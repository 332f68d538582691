/* The reference that everybody has: libxml2 and libxmlsec1, asked for what they say of many documents in one process.
 *
 *   xmlsec verify          lines FILE TAB CERT.pem…        every signature of the file, each under the certificates in turn
 *   xmlsec sign            lines FILE TAB KEY.pem TAB N     digest and value of the N-th signature, `|` for line ends
 *   xmlsec c14n            lines FILE TAB FORM TAB COMMENTS TAB ID TAB PREFIXES TAB OUT
 *   xmlsec speed FILE CERT SECONDS                          parse and verify, over and over: documents a CPU second
 *
 * The key is always the one given: with `signKey` set libxmlsec1 never looks into KeyInfo. Every attribute called ID,
 * Id, id or AssertionID is an ID; nothing is fetched, no entity is replaced.
 *
 * cc -O2 -o xmlsec xmlsec.c $(pkg-config --cflags --libs xmlsec1-openssl)
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <libxml/c14n.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/xpath.h>
#include <xmlsec/crypto.h>
#include <xmlsec/errors.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/xmlsec.h>
#include <xmlsec/xmltree.h>

#define LONGEST 65536
#define MOST 64

static const xmlChar *const ID_NAMES[] = {BAD_CAST "ID", BAD_CAST "Id", BAD_CAST "id", BAD_CAST "AssertionID"};

static void quiet(void *context, const char *message, ...) {
  (void)context;
  (void)message;
}

static void silent(const char *file, int line, const char *func, const char *object, const char *subject, int reason,
                   const char *message) {
  (void)file, (void)line, (void)func, (void)object, (void)subject, (void)reason, (void)message;
}

/* Makes the IDs known; how many stand twice. */
static int learn_ids(xmlDocPtr doc, xmlNodePtr node) {
  int twice = 0;
  for (; node != NULL; node = node->next) {
    if (node->type != XML_ELEMENT_NODE) continue;
    for (xmlAttrPtr one = node->properties; one != NULL; one = one->next) {
      for (size_t n = 0; n < sizeof ID_NAMES / sizeof *ID_NAMES; n++) {
        if (one->ns != NULL || !xmlStrEqual(one->name, ID_NAMES[n])) continue;
        xmlChar *value = xmlNodeListGetString(doc, one->children, 1);
        if (value != NULL && xmlGetID(doc, value) == NULL) xmlAddID(NULL, doc, value, one);
        else twice++;
        xmlFree(value);
      }
    }
    twice += learn_ids(doc, node->children);
  }
  return twice;
}

static size_t signatures(xmlNodePtr node, xmlNodePtr *found, size_t count) {
  for (; node != NULL; node = node->next) {
    if (node->type != XML_ELEMENT_NODE) continue;
    if (xmlSecCheckNodeName(node, xmlSecNodeSignature, xmlSecDSigNs) && count < MOST) found[count++] = node;
    count = signatures(node->children, found, count);
  }
  return count;
}

static xmlDocPtr parse(const char *file) {
  return xmlReadFile(file, NULL, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
}

static xmlSecKeyPtr key_of(const char *file, xmlSecKeyDataFormat format) {
  return xmlSecCryptoAppKeyLoad(file, format, NULL, NULL, NULL);
}

/* 1: verifies; 0: does not; -1: could not be worked through. */
static int verify(xmlNodePtr signature, xmlSecKeyPtr key) {
  int said = -1;
  xmlSecDSigCtxPtr context = xmlSecDSigCtxCreate(NULL);
  if (context == NULL) return -1;
  context->signKey = xmlSecKeyDuplicate(key);
  if (xmlSecDSigCtxVerify(context, signature) == 0) said = context->status == xmlSecDSigStatusSucceeded;
  xmlSecDSigCtxDestroy(context);
  return said;
}

/* Keys are few and files many. */
static xmlSecKeyPtr known_key(const char *file, xmlSecKeyDataFormat format) {
  static struct { char *file; xmlSecKeyPtr key; } known[256];
  static size_t count;
  for (size_t n = 0; n < count; n++)
    if (strcmp(known[n].file, file) == 0) return known[n].key;
  xmlSecKeyPtr key = key_of(file, format);
  if (count < sizeof known / sizeof *known) {
    known[count].file = strdup(file);
    known[count++].key = key;
  }
  return key;
}

static size_t fields(char *line, char **field) {
  size_t count = 0;
  line[strcspn(line, "\n")] = 0;
  for (char *part = line; part != NULL && count < MOST; count++) {
    field[count] = part;
    part = strchr(part, '\t');
    if (part != NULL) *part++ = 0;
  }
  return count;
}

static void verify_line(char **field, size_t count) {
  xmlDocPtr doc = parse(field[0]);
  if (doc == NULL || xmlDocGetRootElement(doc) == NULL) {
    printf("%s\till-formed\n", field[0]);
    xmlFreeDoc(doc);
    return;
  }
  int twice = learn_ids(doc, doc->children);
  xmlNodePtr found[MOST];
  size_t all = signatures(doc->children, found, 0);
  printf("%s\tread\t%zu\t%d\t%s\n", field[0], all, twice, doc->intSubset ? "doctype" : "-");
  for (size_t n = 0; n < all; n++) {
    int best = -1;
    for (size_t k = 1; k < count && best != 1; k++) {
      xmlSecKeyPtr key = known_key(field[k], xmlSecKeyDataFormatCertPem);
      int said = key == NULL ? -1 : verify(found[n], key);
      if (said > best) best = said;
    }
    printf("%s\tsignature\t%zu\t%s\n", field[0], n, best == 1 ? "valid" : best == 0 ? "invalid" : "error");
  }
  xmlFreeDoc(doc);
}

static void sign_line(char **field, size_t count) {
  if (count != 3) return;
  xmlDocPtr doc = parse(field[0]);
  xmlNodePtr found[MOST];
  size_t wanted = strtoul(field[2], NULL, 10);
  xmlSecKeyPtr key = known_key(field[1], xmlSecKeyDataFormatPem);
  if (doc == NULL || key == NULL) {
    printf("%s\terror\n", field[0]);
    return;
  }
  learn_ids(doc, doc->children);
  xmlSecDSigCtxPtr context = xmlSecDSigCtxCreate(NULL);
  context->signKey = xmlSecKeyDuplicate(key);
  if (wanted < signatures(doc->children, found, 0) && xmlSecDSigCtxSign(context, found[wanted]) == 0) {
    xmlNodePtr info = xmlSecFindChild(found[wanted], xmlSecNodeSignedInfo, xmlSecDSigNs);
    xmlNodePtr digest = xmlSecFindNode(info, xmlSecNodeDigestValue, xmlSecDSigNs);
    xmlNodePtr value = xmlSecFindChild(found[wanted], xmlSecNodeSignatureValue, xmlSecDSigNs);
    xmlChar *first = xmlNodeGetContent(digest), *second = xmlNodeGetContent(value);
    for (xmlChar *c = first; *c; c++) if (*c == '\n') *c = '|';
    for (xmlChar *c = second; *c; c++) if (*c == '\n') *c = '|';
    printf("%s\tsigned\t%s\t%s\n", field[0], first, second);
    xmlFree(first);
    xmlFree(second);
  } else {
    printf("%s\terror\n", field[0]);
  }
  xmlSecDSigCtxDestroy(context);
  xmlFreeDoc(doc);
}

/* The element with this ID and all within it, with every attribute and namespace that holds there. */
static xmlXPathObjectPtr subtree(xmlDocPtr doc, const char *id) {
  char path[1024];
  snprintf(path, sizeof path,
           "//*[@ID='%s']/descendant-or-self::node() | //*[@ID='%s']/descendant-or-self::*/@* | "
           "//*[@ID='%s']/descendant-or-self::*/namespace::*",
           id, id, id);
  xmlXPathContextPtr context = xmlXPathNewContext(doc);
  xmlXPathObjectPtr found = xmlXPathEvalExpression(BAD_CAST path, context);
  xmlXPathFreeContext(context);
  return found;
}

static void c14n_line(char **field, size_t count) {
  if (count != 6) return;
  xmlDocPtr doc = parse(field[0]);
  if (doc == NULL) {
    printf("%s\till-formed\n", field[0]);
    return;
  }
  int form = strcmp(field[1], "exclusive") == 0 ? XML_C14N_EXCLUSIVE_1_0
             : strcmp(field[1], "1.1") == 0     ? XML_C14N_1_1
                                                : XML_C14N_1_0;
  xmlChar *prefixes[MOST + 1] = {NULL};
  size_t listed = 0;
  for (char *one = strtok(field[4], " "); one != NULL && listed < MOST; one = strtok(NULL, " "))
    prefixes[listed++] = BAD_CAST one;
  xmlXPathObjectPtr part = *field[3] ? subtree(doc, field[3]) : NULL;
  xmlChar *octets = NULL;
  int size = xmlC14NDocDumpMemory(doc, part ? part->nodesetval : NULL, form, listed ? prefixes : NULL,
                                  *field[2] == '1', &octets);
  FILE *out = size < 0 ? NULL : fopen(field[5], "wb");
  if (out != NULL) {
    fwrite(octets, 1, (size_t)size, out);
    fclose(out);
  }
  printf("%s\t%s\n", field[0], out == NULL ? "error" : "written");
  if (octets) xmlFree(octets);
  if (part) xmlXPathFreeObject(part);
  xmlFreeDoc(doc);
}

static int speed(const char *file, const char *cert, double seconds) {
  static char text[1 << 20];
  FILE *in = fopen(file, "rb");
  if (in == NULL) return 2;
  int size = (int)fread(text, 1, sizeof text, in);
  fclose(in);
  xmlSecKeyPtr key = key_of(cert, xmlSecKeyDataFormatCertPem);
  if (key == NULL) return 2;
  size_t rounds = 0, signed_parts = 0;
  clock_t begun = clock();
  double spent = 0;
  while (spent < seconds) {
    for (int n = 0; n < 50; n++, rounds++) {
      xmlDocPtr doc = xmlReadMemory(text, size, NULL, NULL, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
      xmlNodePtr found[MOST];
      if (doc == NULL) return 2;
      learn_ids(doc, doc->children);
      size_t all = signatures(doc->children, found, 0);
      for (size_t s = 0; s < all; s++) {
        if (verify(found[s], key) != 1) return 1;
        signed_parts++;
      }
      xmlFreeDoc(doc);
    }
    spent = (double)(clock() - begun) / CLOCKS_PER_SEC;
  }
  printf("%.1f documents, %.1f signatures a CPU second\n", (double)rounds / spent, (double)signed_parts / spent);
  return 0;
}

int main(int count, char **argument) {
  xmlInitParser();
  if (xmlSecInit() < 0 || xmlSecCryptoAppInit(NULL) < 0 || xmlSecCryptoInit() < 0) return 2;
  xmlSecErrorsSetCallback(silent);
  xmlSetGenericErrorFunc(NULL, quiet);
  if (count == 5 && strcmp(argument[1], "speed") == 0) return speed(argument[2], argument[3], atof(argument[4]));
  if (count != 2) {
    fputs("usage: xmlsec verify|sign|c14n <LINES, or xmlsec speed FILE CERT SECONDS\n", stderr);
    return 2;
  }
  void (*job)(char **, size_t) = strcmp(argument[1], "verify") == 0 ? verify_line
                                 : strcmp(argument[1], "sign") == 0 ? sign_line
                                                                    : c14n_line;
  static char line[LONGEST];
  while (fgets(line, sizeof line, stdin) != NULL) {
    char *field[MOST];
    job(field, fields(line, field));
  }
  return 0;
}
