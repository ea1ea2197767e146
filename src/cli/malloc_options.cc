// What jemalloc reads when it starts. A thread of its own gives freed memory back to the system:
// the threads of an idle server never get to it. Large blocks are kept for a while like all others:
// bodies of requests and their encodings are 8 MB and more, and would else come from the system,
// zeroed, each time.
extern "C" {
extern const char* malloc_conf;
const char* malloc_conf = "background_thread:true,oversize_threshold:0";
}
