package main

import (
	"crypto/tls"
	"errors"
	"io/fs"
	"os"
)

// requireDatabase refuses a configuration without a database; for commands that need one.
func (c *loadedConfig) requireDatabase() error {
	p := &problems{origin: c.Origin}
	c.validateDatabase(p)
	return p.err()
}

func (c *loadedConfig) validateDatabase(p *problems) {
	if c.Database.URL == "" && !c.Database.Local {
		p.add("database.url", "is not set; allowed: postgres://user:password@host:5432/name in "+envName("database.url")+" or in a file named by database.url_file, or database.local: true")
	}
}

// requireServe refuses a configuration that loads but that serve could not work
// with: it looks at the files and folders that the settings name.
func (c *loadedConfig) requireServe() error {
	p := &problems{origin: c.Origin}
	c.validateDatabase(p)
	if c.Database.Local {
		p.folder("database.directory", c.Database.Directory, true)
	}
	p.folder("reports.directory", c.Reports.Directory, true)
	if c.Bank.Folder != "" {
		p.folder("bank.folder", c.Bank.Folder, false)
	}
	if c.HTTP.Certificate != "" {
		if _, err := tls.LoadX509KeyPair(c.HTTP.Certificate, c.HTTP.Key); err != nil {
			p.addf("http.certificate", "cannot be used with its key: %s; allowed: PEM files that belong together", err)
		}
	}
	return p.err()
}

// folder wants a folder at a path; one that is made when it is needed may be absent.
func (p *problems) folder(key, path string, made bool) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && made:
	case errors.Is(err, fs.ErrNotExist):
		p.addf(key, "%q does not exist; allowed: a folder that is there", path)
	case err != nil:
		p.addf(key, "cannot be looked at: %s; allowed: a folder that this user can read", err)
	case !info.IsDir():
		p.addf(key, "%q is not a folder; allowed: a folder", path)
	}
}
