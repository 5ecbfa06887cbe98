-- The second half of the sample CRM: keys, indexes and triggers, made after the rows are in.

ALTER TABLE public.staff ADD PRIMARY KEY (id);
ALTER TABLE public.staff ADD CONSTRAINT staff_email_once UNIQUE (email);
ALTER TABLE public."Company" ADD PRIMARY KEY (id);
ALTER TABLE public."Company" ADD CONSTRAINT "Company_vatId_key" UNIQUE ("vatId");
ALTER TABLE public.enquiries ADD PRIMARY KEY (id);
ALTER TABLE public.enquiries ADD CONSTRAINT enquiries_reference_once UNIQUE (reference);
ALTER TABLE public.activity_log ADD PRIMARY KEY (id, created_at);
ALTER TABLE public.documents ADD PRIMARY KEY (id);
ALTER TABLE public."Tag" ADD PRIMARY KEY (id);
ALTER TABLE public."Tag" ADD CONSTRAINT "Tag_label_key" UNIQUE (label);
ALTER TABLE public."_EnquiryToTag" ADD PRIMARY KEY ("A", "B");
ALTER TABLE public.settings ADD PRIMARY KEY (key);
ALTER TABLE public.metrics ADD PRIMARY KEY (name, taken_at);
ALTER TABLE public.backups ADD PRIMARY KEY (id);
ALTER TABLE public."Report / Archiv 'alt' 📦" ADD PRIMARY KEY ("Jahr", "select");
ALTER TABLE billing.invoices ADD PRIMARY KEY (id);
ALTER TABLE billing.invoices ADD CONSTRAINT invoices_number_once UNIQUE (invoice_no);
ALTER TABLE billing.invoice_lines ADD PRIMARY KEY (invoice_id, line_no);
ALTER TABLE billing.hourly_rates ADD CONSTRAINT hourly_rates_one_at_a_time EXCLUDE USING gist (valid WITH &&);

CREATE INDEX enquiries_unfinished ON public.enquiries (assigned_to, created_at)
  WHERE status IN ('new', 'open', 'waiting for customer');
CREATE INDEX enquiries_email_folded ON public.enquiries (lower(email));
CREATE INDEX enquiries_payload ON public.enquiries USING gin (payload jsonb_path_ops);
CREATE INDEX enquiries_company ON public.enquiries (company_id) INCLUDE (status);
CREATE INDEX activity_log_by_enquiry ON public.activity_log (enquiry_id);
CREATE INDEX "Company_legalName_idx" ON public."Company" (lower("legalName") text_pattern_ops, country DESC NULLS LAST);
CREATE INDEX "_EnquiryToTag_B_index" ON public."_EnquiryToTag" ("B");
CREATE INDEX backups_newest ON public.backups (created_at DESC);
CREATE UNIQUE INDEX enquiries_by_month_key ON public.enquiries_by_month (month, status);
COMMENT ON INDEX public.enquiries_unfinished IS 'The board reads only this';

ALTER TABLE public.staff ADD CONSTRAINT staff_manager FOREIGN KEY (manager_id)
  REFERENCES public.staff (id) ON DELETE SET NULL;
ALTER TABLE public.enquiries ADD CONSTRAINT enquiries_assigned_to_staff FOREIGN KEY (assigned_to)
  REFERENCES public.staff (id) ON DELETE SET NULL;
ALTER TABLE public.enquiries ADD CONSTRAINT enquiries_of_company FOREIGN KEY (company_id)
  REFERENCES public."Company" (id) ON UPDATE CASCADE ON DELETE SET NULL;
ALTER TABLE public.activity_log ADD CONSTRAINT activity_log_of_enquiry FOREIGN KEY (enquiry_id)
  REFERENCES public.enquiries (id) ON DELETE CASCADE;
ALTER TABLE public.activity_log ADD CONSTRAINT activity_log_by_staff FOREIGN KEY (staff_id)
  REFERENCES public.staff (id);
ALTER TABLE public.documents ADD CONSTRAINT documents_of_enquiry FOREIGN KEY (enquiry_id)
  REFERENCES public.enquiries (id) ON DELETE CASCADE;
ALTER TABLE public.documents ADD CONSTRAINT documents_by_staff FOREIGN KEY (uploaded_by)
  REFERENCES public.staff (id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE public."_EnquiryToTag" ADD CONSTRAINT "_EnquiryToTag_A_fkey" FOREIGN KEY ("A")
  REFERENCES public.enquiries (id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE public."_EnquiryToTag" ADD CONSTRAINT "_EnquiryToTag_B_fkey" FOREIGN KEY ("B")
  REFERENCES public."Tag" (id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE billing.invoices ADD CONSTRAINT invoices_of_enquiry FOREIGN KEY (enquiry_id)
  REFERENCES public.enquiries (id);
ALTER TABLE billing.invoice_lines ADD CONSTRAINT invoice_lines_of_invoice FOREIGN KEY (invoice_id)
  REFERENCES billing.invoices (id) ON DELETE CASCADE;

CREATE TRIGGER staff_touched BEFORE UPDATE ON public.staff
  FOR EACH ROW EXECUTE FUNCTION public.touch_updated_at();
CREATE TRIGGER enquiries_touched BEFORE UPDATE ON public.enquiries
  FOR EACH ROW WHEN (OLD.updated_at = NEW.updated_at) EXECUTE FUNCTION public.touch_updated_at();
COMMENT ON TRIGGER enquiries_touched ON public.enquiries IS 'Not for an import, which brings its own updated_at';

REFRESH MATERIALIZED VIEW public.enquiries_by_month;
