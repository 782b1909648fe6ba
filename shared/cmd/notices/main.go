// Command notices says what is linked into binaries: every module at its
// version, with its licence, from the binaries' own build information. As a
// document with the licences' texts (make notices), or as a CycloneDX list of
// components (make sbom).
package main

import (
	"debug/buildinfo"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	sbom := flag.Bool("sbom", false, "write a CycloneDX document instead")
	flag.Parse()
	if err := run(*sbom, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "notices:", err)
		os.Exit(1)
	}
}

// module is what is linked, and how it is licensed.
type module struct {
	path, version, sum string
	licence            string // by its SPDX name
	text               string
	notice             string // what an Apache licence asks to pass on
}

func run(sbom bool, binaries []string) error {
	linked := map[string]module{}
	goVersion := ""
	for _, b := range binaries {
		info, err := buildinfo.ReadFile(b)
		if err != nil {
			return fmt.Errorf("reading %s: %w", b, err)
		}
		goVersion = info.GoVersion
		for _, d := range info.Deps {
			if d.Replace != nil {
				d = d.Replace
			}
			linked[d.Path] = module{path: d.Path, version: d.Version, sum: d.Sum}
		}
	}
	var all []module
	for _, m := range linked {
		if err := m.read(); err != nil {
			return err
		}
		all = append(all, m)
	}
	slices.SortFunc(all, func(a, b module) int { return strings.Compare(a.path, b.path) })
	if sbom {
		return components(goVersion, all)
	}
	return document(all)
}

// read finds the module's licence in its sources.
func (m *module) read() error {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", m.path).Output()
	if err != nil {
		return fmt.Errorf("finding the sources of %s: %w", m.path, err)
	}
	files, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(out)), "LICEN[CS]E*"))
	if err != nil || len(files) == 0 {
		return fmt.Errorf("%s has no licence among its files", m.path)
	}
	raw, err := os.ReadFile(files[0])
	if err != nil {
		return fmt.Errorf("reading the licence of %s: %w", m.path, err)
	}
	m.text = strings.TrimSpace(strings.ReplaceAll(string(raw), "\r\n", "\n"))
	if m.licence = kind(m.text); m.licence == "" {
		return fmt.Errorf("the licence of %s isn't one that is known here: look at it and add it", m.path)
	}
	notices, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(out)), "NOTICE*"))
	if err != nil || len(notices) == 0 {
		return err
	}
	if raw, err = os.ReadFile(notices[0]); err != nil {
		return fmt.Errorf("reading the notice of %s: %w", m.path, err)
	}
	m.notice = strings.TrimSpace(strings.ReplaceAll(string(raw), "\r\n", "\n"))
	return nil
}

// kind tells a licence by words that only it has. One that isn't here stops the
// build: somebody has to read it first.
func kind(text string) string {
	flat := strings.Join(strings.Fields(text), " ")
	switch {
	case strings.Contains(flat, "Apache License Version 2.0"):
		return "Apache-2.0"
	case strings.Contains(flat, "Permission is hereby granted, free of charge"):
		return "MIT"
	case strings.Contains(flat, "Neither the name of"):
		return "BSD-3-Clause"
	case strings.Contains(flat, "Redistributions in binary form must reproduce"):
		return "BSD-2-Clause"
	}
	return ""
}

// document writes the table, then each text once with those that it covers.
func document(all []module) error {
	var b strings.Builder
	b.WriteString("# Third-party notices\n\nWhat is linked into the functions that are deployed, read from the binaries. `make notices` writes this file; a test holds it to them.\n\n| module | version | licence |\n|---|---|---|\n")
	covers := map[string][]string{}
	var texts []string
	for _, m := range all {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", m.path, m.version, m.licence)
		if covers[m.text] == nil {
			texts = append(texts, m.text)
		}
		covers[m.text] = append(covers[m.text], m.path)
	}
	for _, t := range texts {
		fmt.Fprintf(&b, "\n## %s\n\n````text\n%s\n````\n", strings.Join(covers[t], ", "), t)
	}
	b.WriteString("\n# Notices\n")
	for _, m := range all {
		if m.notice != "" {
			fmt.Fprintf(&b, "\n## %s\n\n````text\n%s\n````\n", m.path, m.notice)
		}
	}
	_, err := os.Stdout.WriteString(b.String())
	return err
}

// components writes CycloneDX 1.5.
func components(goVersion string, all []module) error {
	type component map[string]any
	list := []component{{"type": "library", "name": "stdlib", "version": goVersion, "purl": "pkg:golang/stdlib@" + strings.TrimPrefix(goVersion, "go"), "licenses": []any{map[string]any{"license": map[string]string{"id": "BSD-3-Clause"}}}}}
	for _, m := range all {
		list = append(list, component{
			"type": "library", "name": m.path, "version": m.version, "purl": "pkg:golang/" + m.path + "@" + m.version,
			"licenses":   []any{map[string]any{"license": map[string]string{"id": m.licence}}},
			"properties": []any{map[string]string{"name": "go:sum", "value": m.sum}},
		})
	}
	enc := json.NewEncoder(os.Stdout)
	enc.SetIndent("", "  ")
	return enc.Encode(map[string]any{"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "components": list})
}
