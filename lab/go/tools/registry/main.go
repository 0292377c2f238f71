// The image registry of crane, which forgets manifests when it ends, with manifests that stay: each accepted one is
// written to disk and put in again at the next start.
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/registry"
)

// manifest is one accepted PUT.
type manifest struct {
	Path string
	Type string
	Body []byte
}

func main() {
	address := flag.String("address", "127.0.0.1:5000", "where to listen")
	dir := flag.String("dir", "", "where blobs and manifests lie")
	flag.Parse()
	manifests := filepath.Join(*dir, "manifests")
	for _, folder := range []string{manifests, filepath.Join(*dir, "blobs")} {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			log.Fatal(err)
		}
	}
	quiet := registry.Logger(log.New(io.Discard, "", 0))
	inner := registry.New(registry.WithBlobHandler(registry.NewDiskBlobHandler(filepath.Join(*dir, "blobs"))), quiet)
	if err := replay(inner, manifests); err != nil {
		log.Fatal(err)
	}
	server := &http.Server{Addr: *address, Handler: keep(inner, manifests), ReadHeaderTimeout: 5 * time.Second}
	log.Printf("listening on %s", *address)
	log.Fatal(server.ListenAndServe())
}

// keep writes down every manifest that the registry accepts, and forgets what it deletes.
func keep(inner http.Handler, dir string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.URL.Path, "/manifests/") || (r.Method != http.MethodPut && r.Method != http.MethodDelete) {
			inner.ServeHTTP(w, r)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		answer := httptest.NewRecorder()
		inner.ServeHTTP(answer, r)
		if answer.Code < 300 {
			if err := record(r, body, dir); err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
		}
		for key, values := range answer.Header() {
			w.Header()[key] = values
		}
		w.WriteHeader(answer.Code)
		w.Write(answer.Body.Bytes())
	})
}

func record(r *http.Request, body []byte, dir string) error {
	file := filepath.Join(dir, url.QueryEscape(r.URL.Path))
	if r.Method == http.MethodDelete {
		return os.RemoveAll(file)
	}
	text, err := json.Marshal(manifest{r.URL.Path, r.Header.Get("Content-Type"), body})
	if err != nil {
		return err
	}
	if err := os.WriteFile(file+".new", text, 0o644); err != nil {
		return err
	}
	return os.Rename(file+".new", file)
}

// replay puts every manifest in again. An index is refused until what it names is there, so it goes round until all
// are in; what is still refused then is named and left out.
func replay(inner http.Handler, dir string) error {
	left, err := read(dir)
	if err != nil {
		return err
	}
	for len(left) > 0 {
		var refused []manifest
		for _, m := range left {
			request := httptest.NewRequest(http.MethodPut, m.Path, bytes.NewReader(m.Body))
			request.Header.Set("Content-Type", m.Type)
			answer := httptest.NewRecorder()
			if inner.ServeHTTP(answer, request); answer.Code >= 300 {
				refused = append(refused, m)
			}
		}
		if len(refused) == len(left) {
			log.Printf("left out, since they name things that are not here: %v", paths(refused))
			return nil
		}
		left = refused
	}
	return nil
}

func read(dir string) ([]manifest, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var all []manifest
	for _, entry := range entries {
		if strings.HasSuffix(entry.Name(), ".new") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil {
			return nil, err
		}
		var m manifest
		if err := json.Unmarshal(text, &m); err != nil {
			return nil, fmt.Errorf("%s: %w", entry.Name(), err)
		}
		all = append(all, m)
	}
	return all, nil
}

func paths(manifests []manifest) []string {
	var all []string
	for _, m := range manifests {
		all = append(all, m.Path)
	}
	return all
}
